"""The SCIM 1.1 door (Core Schema 1.1, REST API 1.1): other names, other shapes, one behaviour.

What a request means is decided by the parts of the SCIM 2.0 door. Here is what differs: the
names of attributes, the partial resource of a PATCH, the shapes of answers, and XML.
"""
