// Writes one mounted volume with the kubelet's own AtomicWriter: a line of JSON in is one payload, path below the
// volume -> {"Data": base64, "Mode": number}; a line out is the error of that write, or null.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/kubernetes/pkg/volume/util"
)

func main() {
	writer, err := util.NewAtomicWriter(os.Args[1], "e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	payloads, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var payload map[string]util.FileProjection
		if err := payloads.Decode(&payload); err != nil {
			return
		}
		var answer any
		if err := writer.Write(payload, nil); err != nil {
			answer = err.Error()
		}
		answers.Encode(answer)
	}
}
