"""Carries out one order by Conjur's official client, configured by its variables, and prints the answer as JSON."""
import json
import os
import sys

from conjur_api import Client
from conjur_api.models import ConjurConnectionInfo, CredentialsData, SslVerificationMode
from conjur_api.providers import AuthnAuthenticationStrategy, AWSIAMAuthenticationStrategy, SimpleCredentialsProvider



def strategy():
    """As the variables say: by the IAM role of this process, or by an API key."""
    if os.environ.get("CONJUR_AUTHN_TYPE") == "iam":
        return AWSIAMAuthenticationStrategy(f"host/{os.environ['CONJUR_AUTHN_JWT_HOST_ID']}", os.environ["CONJUR_SERVICE_ID"])
    credentials = SimpleCredentialsProvider()
    credentials.save(
        CredentialsData(
            machine=url,
            username=os.environ["CONJUR_AUTHN_LOGIN"],
            api_key=os.environ["CONJUR_AUTHN_API_KEY"],
        )
    )
    return AuthnAuthenticationStrategy(credentials)


url = os.environ["CONJUR_APPLIANCE_URL"]
client = Client(
    ConjurConnectionInfo(conjur_url=url, account=os.environ["CONJUR_ACCOUNT"]),
    ssl_verification_mode=SslVerificationMode.INSECURE,
    authn_strategy=strategy(),
    async_mode=False,
)
order, *arguments = sys.argv[1:]
if order == "get":
    print(json.dumps(client.get(arguments[0]).decode()))
elif order == "get-version":
    print(json.dumps(client.get(arguments[0], arguments[1]).decode()))
elif order == "batch":
    print(json.dumps({name: value if isinstance(value, str) else value.decode() for name, value in client.get_many(*arguments).items()}))
else:
    sys.exit(f"no order {order}")
