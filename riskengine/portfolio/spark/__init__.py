"""Tables scored where they live: read, scored and written by the Spark session that there is."""
