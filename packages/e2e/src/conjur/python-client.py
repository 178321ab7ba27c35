"""Carries out one order by Conjur's official client, configured by its variables, and prints the answer as JSON."""
import json
import os
import sys

from conjur_api import Client
from conjur_api.models import ConjurConnectionInfo, CredentialsData, SslVerificationMode
from conjur_api.providers import AuthnAuthenticationStrategy, SimpleCredentialsProvider

url = os.environ["CONJUR_APPLIANCE_URL"]
credentials = SimpleCredentialsProvider()
credentials.save(
    CredentialsData(
        machine=url,
        username=os.environ["CONJUR_AUTHN_LOGIN"],
        api_key=os.environ["CONJUR_AUTHN_API_KEY"],
    )
)
client = Client(
    ConjurConnectionInfo(conjur_url=url, account=os.environ["CONJUR_ACCOUNT"]),
    ssl_verification_mode=SslVerificationMode.INSECURE,
    authn_strategy=AuthnAuthenticationStrategy(credentials),
    async_mode=False,
)
order, *arguments = sys.argv[1:]
if order == "get":
    print(json.dumps(client.get(arguments[0]).decode()))
elif order == "batch":
    print(json.dumps({name: value if isinstance(value, str) else value.decode() for name, value in client.get_many(*arguments).items()}))
else:
    sys.exit(f"no order {order}")
