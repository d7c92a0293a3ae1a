"""The WSDL of a service, made from the table of its operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from provisioning.inbound.soap.operations import OPERATIONS, Operation
from provisioning.inbound.soap.parameters import Param
from provisioning.inbound.soap.vocabulary import (
    CORE_NS,
    SERVICE_NS,
    XSD_NS,
    Composed,
    Element,
    Kind,
    Service,
    Version,
)

WSDL_NS = "http://schemas.xmlsoap.org/wsdl/"
ACTION_NS = "http://www.w3.org/2006/05/addressing/wsdl"
SOAP_NS = {
    Version.SOAP11: "http://schemas.xmlsoap.org/wsdl/soap/",
    Version.SOAP12: "http://schemas.xmlsoap.org/wsdl/soap12/",
}
_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
_EXCEPTION = Composed("UserStoreException", CORE_NS, {})
_EXCEPTION_WITH_CODE = Composed("UserStoreException", CORE_NS, {"errorCode": "string"})


def document(service: Service, address: str) -> bytes:
    """The WSDL 1.1 of the service at that address, for SOAP 1.1 and 1.2."""
    return _Writer(service).written(address)


class _Writer:
    def __init__(self, service: Service) -> None:
        self.service = service
        exception = _EXCEPTION_WITH_CODE if service.has_error_codes else _EXCEPTION
        self.types: list[Composed] = [*service.types.values(), exception]
        self.prefixes = {SERVICE_NS: "ns", XSD_NS: "xs"}
        for composed in self.types:
            self.prefixes.setdefault(composed.namespace, f"ax{len(self.prefixes)}")

    def written(self, address: str) -> bytes:
        nsmap = {prefix: namespace for namespace, prefix in self.prefixes.items()}
        nsmap |= {"wsdl": WSDL_NS, "wsaw": ACTION_NS}
        nsmap |= {"soap": SOAP_NS[Version.SOAP11], "soap12": SOAP_NS[Version.SOAP12]}
        root = etree.Element(
            f"{{{WSDL_NS}}}definitions", targetNamespace=SERVICE_NS, nsmap=nsmap
        )
        _add(root, "documentation").text = self.service.name
        self._schemas(_add(root, "types"))
        for operation in OPERATIONS:
            self._messages(root, operation)
        self._message(root, self.service.fault, self.service.fault)
        self._port_type(root)
        for version in Version:
            self._binding(root, version)
        self._ports(root, address)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    # types

    def _schemas(self, types: Element) -> None:
        spaces = dict.fromkeys(composed.namespace for composed in self.types)
        for namespace in spaces:
            if namespace != SERVICE_NS:
                self._composed(_schema(types, namespace), namespace)
        own = _schema(types, SERVICE_NS)
        for namespace in spaces:
            if namespace != SERVICE_NS:
                _xsd(own, "import", namespace=namespace)
        self._composed(own, SERVICE_NS)
        self._element(own, self.service.fault, [Param("UserStoreException")], _EXCEPTION)
        for operation in OPERATIONS:
            self._element(own, operation.name, operation.params)
            if self._answers(operation):
                self._element(own, f"{operation.name}Response", [operation.answered])

    def _composed(self, schema: Element, namespace: str) -> None:
        for composed in self.types:
            if composed.namespace == namespace:
                sequence = _xsd(_xsd(schema, "complexType", name=composed.name), "sequence")
                for name, kind in composed.parts.items():
                    self._part(sequence, name, f"xs:{kind}", composed.many)

    def _element(
        self,
        schema: Element,
        name: str,
        params: Iterable[Param],
        composed: Composed | None = None,
    ) -> None:
        element = _xsd(schema, "element", name=name)
        sequence = _xsd(_xsd(element, "complexType"), "sequence")
        for param in params:
            self._part(sequence, param.name, self._type(param.kind, composed), param.many)

    def _type(self, kind: Kind, composed: Composed | None) -> str:
        composed = composed or self.service.types.get(kind)
        if composed is None:
            return f"xs:{kind}"
        return f"{self.prefixes[composed.namespace]}:{composed.name}"

    def _part(self, sequence: Element, name: str, type_name: str, many: bool) -> None:
        attributes = {"minOccurs": "0", "name": name, "type": type_name}
        if many:
            attributes["maxOccurs"] = "unbounded"
        if type_name not in ("xs:boolean", "xs:int", "xs:long"):
            attributes["nillable"] = "true"
        _xsd(sequence, "element", **attributes)

    # what is said, and how

    def _answers(self, operation: Operation) -> bool:
        return self.service.answers or not operation.changes

    def _messages(self, root: Element, operation: Operation) -> None:
        self._message(root, f"{operation.name}Request", operation.name)
        if self._answers(operation):
            name = f"{operation.name}Response"
            self._message(root, name, name)

    def _message(self, root: Element, name: str, element: str) -> None:
        message = _add(root, "message", name=name)
        _add(message, "part", name="parameters", element=f"ns:{element}")

    def _port_type(self, root: Element) -> None:
        port_type = _add(root, "portType", name=f"{self.service.name}PortType")
        for operation in OPERATIONS:
            name = operation.name
            found = _add(port_type, "operation", name=name)
            self._said(found, "input", f"{name}Request", f"urn:{name}")
            if self._answers(operation):
                self._said(found, "output", f"{name}Response", f"urn:{name}Response")
            fault = self.service.fault
            self._said(found, "fault", fault, f"urn:{name}{fault}").set("name", fault)

    def _said(self, parent: Element, kind: str, message: str, action: str) -> Element:
        said = _add(parent, kind, message=f"ns:{message}")
        said.set(f"{{{ACTION_NS}}}Action", action)
        return said

    def _binding(self, root: Element, version: Version) -> None:
        soap = SOAP_NS[version]
        name = self.service.name
        binding = _add(
            root, "binding", name=f"{name}{_suffix(version)}Binding", type=f"ns:{name}PortType"
        )
        etree.SubElement(binding, f"{{{soap}}}binding", transport=_TRANSPORT, style="document")
        for operation in OPERATIONS:
            bound = _add(binding, "operation", name=operation.name)
            etree.SubElement(
                bound,
                f"{{{soap}}}operation",
                soapAction=f"urn:{operation.name}",
                style="document",
            )
            for kind in ("input", *(["output"] if self._answers(operation) else [])):
                etree.SubElement(_add(bound, kind), f"{{{soap}}}body", use="literal")
            fault = self.service.fault
            told = _add(bound, "fault", name=fault)
            etree.SubElement(told, f"{{{soap}}}fault", use="literal", name=fault)

    def _ports(self, root: Element, address: str) -> None:
        name = self.service.name
        service = _add(root, "service", name=name)
        for version in Version:
            suffix = _suffix(version)
            port = _add(
                service,
                "port",
                name=f"{name}Https{suffix}Endpoint",
                binding=f"ns:{name}{suffix}Binding",
            )
            endpoint = f"{{{SOAP_NS[version]}}}address"
            etree.SubElement(port, endpoint, location=f"{address}.{name}Https{suffix}Endpoint/")


def _suffix(version: Version) -> str:
    return "Soap11" if version is Version.SOAP11 else "Soap12"


def _schema(types: Element, namespace: str) -> Element:
    return _xsd(
        types,
        "schema",
        attributeFormDefault="qualified",
        elementFormDefault="qualified",
        targetNamespace=namespace,
    )


def _xsd(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{XSD_NS}}}{tag}", _named(attributes))


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{WSDL_NS}}}{tag}", _named(attributes))


def _named(attributes: Mapping[str, str]) -> dict[str, str]:
    return dict(attributes)
