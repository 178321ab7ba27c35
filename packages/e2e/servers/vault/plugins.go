package main

import (
	"maps"
	"slices"

	"github.com/hashicorp/vault/plugins/database/postgresql"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
)

const postgresPlugin = "postgresql-database-plugin"

// What the core asks for the plugins that are built in.
type plugins struct{}

func (plugins) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	if kind == consts.PluginTypeDatabase {
		return postgresql.New, name == postgresPlugin
	}
	factory, found := factories(kind)[name]
	return func() (interface{}, error) { return factory, nil }, found
}

func (p plugins) Contains(name string, kind consts.PluginType) bool {
	_, found := p.Get(name, kind)
	return found
}

func (plugins) Keys(kind consts.PluginType) []string {
	if kind == consts.PluginTypeDatabase {
		return []string{postgresPlugin}
	}
	return slices.Collect(maps.Keys(factories(kind)))
}

func (plugins) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, true
}

func (plugins) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

func factories(kind consts.PluginType) map[string]logical.Factory {
	switch kind {
	case consts.PluginTypeCredential:
		return logins
	case consts.PluginTypeSecrets:
		return engines
	}
	return nil
}
