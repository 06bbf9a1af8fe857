"""The routes, one Blueprint per audience; all of them are served by one Lambda function."""
