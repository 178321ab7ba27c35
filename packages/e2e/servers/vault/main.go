// A real Vault core with only the plugins that the tests use: `vault -listen HOST:PORT [-data FOLDER] [-certificate FILE -key FILE]`.
// It is neither initialised nor unsealed by itself: both are done through sys/init and sys/unseal, as in production. Without a
// folder it keeps everything in memory.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net"
	"net/http"

	"github.com/hashicorp/go-hclog"
	jwtAuth "github.com/hashicorp/vault-plugin-auth-jwt"
	kubernetesAuth "github.com/hashicorp/vault-plugin-auth-kubernetes"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/audit"
	fileAudit "github.com/hashicorp/vault/builtin/audit/file"
	approleAuth "github.com/hashicorp/vault/builtin/credential/approle"
	awsAuth "github.com/hashicorp/vault/builtin/credential/aws"
	certAuth "github.com/hashicorp/vault/builtin/credential/cert"
	userpassAuth "github.com/hashicorp/vault/builtin/credential/userpass"
	"github.com/hashicorp/vault/builtin/logical/database"
	"github.com/hashicorp/vault/builtin/logical/pki"
	"github.com/hashicorp/vault/builtin/logical/transit"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical"
	"github.com/hashicorp/vault/sdk/physical/file"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

var logins = map[string]logical.Factory{
	"approle":    approleAuth.Factory,
	"aws":        awsAuth.Factory,
	"cert":       certAuth.Factory,
	"jwt":        jwtAuth.Factory,
	"kubernetes": kubernetesAuth.Factory,
	"userpass":   userpassAuth.Factory,
}

var engines = map[string]logical.Factory{
	"database": database.Factory,
	"kv":       kv.Factory,
	"pki":      pki.Factory,
	"transit":  transit.Factory,
}

func main() {
	address := flag.String("listen", "127.0.0.1:8200", "where to listen")
	folder := flag.String("data", "", "where to keep the data")
	certificate := flag.String("certificate", "", "of the server, in PEM; plain HTTP without it")
	key := flag.String("key", "", "of the certificate, in PEM")
	flag.Parse()

	listener, err := net.Listen("tcp", *address)
	must(err)
	scheme := "http"
	if *certificate != "" {
		pair, err := tls.LoadX509KeyPair(*certificate, *key)
		must(err)
		// Logins by certificate look at what a client shows; nobody has to show one.
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert})
		scheme = "https"
	}
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.Warn})
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           openStorage(*folder, logger),
		Logger:             logger,
		RedirectAddr:       scheme + "://" + *address,
		DisableMlock:       true,
		CredentialBackends: logins,
		LogicalBackends:    engines,
		AuditBackends:      map[string]audit.Factory{"file": fileAudit.Factory},
		BuiltinRegistry:    plugins{},
	})
	must(err)
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{
		Core:           core,
		ListenerConfig: &configutil.Listener{Address: *address, TLSDisable: *certificate == ""},
	})
	must(http.Serve(listener, handler))
}

func openStorage(folder string, logger hclog.Logger) physical.Backend {
	open := inmem.NewInmem
	if folder != "" {
		open = file.NewFileBackend
	}
	storage, err := open(map[string]string{"path": folder}, logger)
	must(err)
	return storage
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
