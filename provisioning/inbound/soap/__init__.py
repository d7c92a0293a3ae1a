"""The SOAP door: WSO2's `RemoteUserStoreManagerService` and its V2, SOAP 1.1 and 1.2.

`operations.TABLE` is what there is; the WSDL is made from it, and requests are read by it.
"""
