"""What is asked of Shopify's Admin API, word for word?

Written for one version of the API; a new one is read through before the constant moves. The cost
of each stays under the 1,000 points that one query may ask for.
Source: Shopify Admin GraphQL reference, 2026-07.
"""

API_VERSION = "2026-07"

#: The scopes without which something of ours fails later, and somebody else would notice.
SCOPES_NEEDED = ("read_orders", "write_fulfillments|write_merchant_managed_fulfillment_orders")

SCOPES = """
query Scopes { currentAppInstallation { accessScopes { handle } } }
"""

SHIPMENTS = """
query Shipments($id: ID!) {
  order(id: $id) {
    id
    fulfillments(first: 10) {
      id
      status
      trackingInfo { number }
      events(first: 20) { nodes { status happenedAt } }
    }
    fulfillmentOrders(first: 20) {
      nodes {
        id
        status
        requestStatus
        supportedActions { action }
        deliveryMethod { methodType }
        assignedLocation { location { id } }
      }
    }
  }
}
"""

FULFIL = """
mutation Fulfil($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}
"""

TELL_EVENT = """
mutation TellEvent($fulfillmentEvent: FulfillmentEventInput!) {
  fulfillmentEventCreate(fulfillmentEvent: $fulfillmentEvent) {
    fulfillmentEvent { id status }
    userErrors { field message }
  }
}
"""

CHANGED = """
query Changed($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { legacyResourceId updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""

ORDER = """
query Order($id: ID!) {
  order(id: $id) {
    id
    legacyResourceId
    name
    test
    createdAt
    updatedAt
    cancelledAt
    cancelReason
    displayFinancialStatus
    displayFulfillmentStatus
    paymentGatewayNames
    totalOutstandingSet { shopMoney { amount currencyCode } }
    tags
    phone
    note
    customAttributes { key value }
    customer { defaultPhoneNumber { phoneNumber } }
    shippingAddress {
      firstName lastName name company address1 address2 city zip countryCodeV2 phone
      latitude longitude
    }
    shippingLines(first: 10) { nodes { code title } }
    lineItems(first: 50) {
      nodes {
        id
        quantity
        currentQuantity
        requiresShipping
        isGiftCard
        customAttributes { key value }
        variant { inventoryItem { measurement { weight { value unit } } } }
      }
    }
    fulfillmentOrders(first: 10) {
      nodes {
        status
        deliveryMethod { methodType }
        lineItems(first: 20) { nodes { totalQuantity lineItem { id } } }
      }
    }
  }
}
"""

ASSIGNED = """
query Assigned($status: FulfillmentOrderAssignmentStatus!) {
  assignedFulfillmentOrders(first: 50, assignmentStatus: $status) {
    nodes { id orderId }
  }
}
"""


def answering(mutation: str) -> str:
    """The mutations that accept or reject a request differ in their names only."""
    name = mutation[0].upper() + mutation[1:]
    return f"""
mutation {name}($id: ID!, $message: String) {{
  {mutation}(id: $id, message: $message) {{
    fulfillmentOrder {{ id requestStatus }}
    userErrors {{ field message }}
  }}
}}
"""
