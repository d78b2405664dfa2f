"""The core of the till: rules, tables, services. Imports no Qt."""
