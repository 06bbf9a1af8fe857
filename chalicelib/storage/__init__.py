"""What we remember: the key map, the tables and the unit of work.

DynamoDB through boto3 is the only store; on a laptop it is the embedded cloud's. Nothing above this
floor builds a key by hand or calls DynamoDB.
"""
