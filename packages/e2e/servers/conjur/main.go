// Command conjur-client carries out one order by the official client of Conjur, configured by its own variables, and prints the answer.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/cyberark/conjur-api-go/conjurapi"
)

func main() {
	answer, err := carryOut(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		os.Exit(1)
	}
}

func carryOut(order string, args []string) (any, error) {
	config, err := conjurapi.LoadConfig()
	if err != nil {
		return nil, err
	}
	if order == "get-by-id-token" {
		client, err := conjurapi.NewClientFromOidcToken(config, args[1])
		if err != nil {
			return nil, err
		}
		value, err := client.RetrieveSecret(args[0])
		return string(value), err
	}
	client, err := conjurapi.NewClientFromEnvironment(config)
	if err != nil {
		return nil, err
	}
	switch order {
	case "get-version":
		version, err := strconv.Atoi(args[1])
		if err != nil {
			return nil, err
		}
		value, err := client.RetrieveSecretWithVersion(args[0], version)
		return string(value), err
	case "resource":
		return client.Resource("acct:variable:" + args[0])
	case "get":
		value, err := client.RetrieveSecret(args[0])
		return string(value), err
	case "set":
		return nil, client.AddSecret(args[0], args[1])
	case "batch":
		return texts(client.RetrieveBatchSecrets(args))
	case "batch-base64":
		return texts(client.RetrieveBatchSecretsSafe(args))
	}
	return nil, fmt.Errorf("no order %q", order)
}

func texts(values map[string][]byte, err error) (map[string]string, error) {
	found := map[string]string{}
	for id, value := range values {
		found[id] = string(value)
	}
	return found, err
}
