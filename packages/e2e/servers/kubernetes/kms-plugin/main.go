// A KMS v2 plugin for tests: `kms-plugin SOCKET` serves on a unix socket until its standard input ends. Each line there
// names the key that encrypts from then on; keys come from their names, so it can always decrypt, and hides nothing.
package main

import (
	"bufio"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"log"
	"os"
	"sync/atomic"
	"time"

	"k8s.io/kms/pkg/service"
)

type plugin struct{ key atomic.Value }

func (p *plugin) Status(context.Context) (*service.StatusResponse, error) {
	return &service.StatusResponse{Version: "v2", Healthz: "ok", KeyID: p.key.Load().(string)}, nil
}

func (p *plugin) Encrypt(_ context.Context, _ string, data []byte) (*service.EncryptResponse, error) {
	key := p.key.Load().(string)
	return &service.EncryptResponse{Ciphertext: sealer(key).Seal(nil, nil, data, nil), KeyID: key}, nil
}

func (p *plugin) Decrypt(_ context.Context, _ string, request *service.DecryptRequest) ([]byte, error) {
	return sealer(request.KeyID).Open(nil, nil, request.Ciphertext, nil)
}

// The nonce goes with what it sealed.
func sealer(name string) cipher.AEAD {
	key := sha256.Sum256([]byte(name))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		log.Fatal(err)
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		log.Fatal(err)
	}
	return sealer
}

func main() {
	p := &plugin{}
	names := bufio.NewScanner(os.Stdin)
	if !names.Scan() {
		log.Fatal("no key")
	}
	p.key.Store(names.Text())
	server := service.NewGRPCService(os.Args[1], 10*time.Second, p)
	go func() {
		if err := server.ListenAndServe(); err != nil {
			log.Fatal(err)
		}
	}()
	for names.Scan() {
		p.key.Store(names.Text())
	}
	server.Close()
}
