#!/usr/bin/env python3
"""Writes into the documents what they lack of the table of commands, so that a new command is there at once.

    documents.py build/release/lockstepd

What is written already stays as it is; what is added is made of the table alone, and is worth reading again: the schema
and the lists in docs/openapi.yaml, the message and its example in docs/asyncapi.yaml, the row in docs/protocol.md. The
tests hold all of it against the server (tests/integration/api.test.mjs).
"""
import json
import re
import subprocess
import sys

COMMON = ["id: {$ref: '#/components/schemas/CommandId'}", "key: {$ref: '#/components/schemas/Key'}",
          "atMs: {$ref: '#/components/schemas/ActedMs'}"]
IF_VERSION = "ifVersion: {$ref: '#/components/schemas/IfVersion'}"
ENTITIES = ["session", "group", "task", "problem", "plan"]
# What a value of each type looks like, where no other example has the field.
SAMPLES = {"string": "Something", "seconds": "60", "boolean": "true", "HH:MM": "'04:00'", "IANA time zone": "Europe/Berlin",
           "YYYY-MM-DD": "2026-11-21", "list of strings": "[Something]", "JSON object": "{}"}
WIDTH = 120


class Document:
    def __init__(self, name):
        self.path = f"docs/{name}"
        with open(self.path, encoding="utf-8") as file:
            self.text = self.was = file.read()

    def before(self, pattern, new):
        """In front of the first line that the pattern finds."""
        self.at(re.search(pattern, self.text, re.M).start(), new)

    def at(self, place, new):
        self.text = self.text[:place] + new + self.text[place:]

    def write(self):
        if self.text != self.was:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(self.text)
            print(f"{self.path}: written; read it again")


def upper(name):
    return name[0].upper() + name[1:]


def plain(text):
    """As YAML reads it as that text."""
    return "'" + text.replace("'", "''") + "'" if re.search(r": | #|^[^A-Za-z]", text) else text


def adds(command):
    return any(field["name"] in ENTITIES and "may bring its own" in field["help"] and not field["required"]
               for field in command["fields"]) and command["name"].startswith(("add", "report"))


def entity_of(command):
    """What it is about: the first entity that it must name, or may bring the id of."""
    named = [field["name"] for field in command["fields"]
             if field["name"] in ENTITIES and (field["required"] != adds(command))]
    return named[0] if named else None


def schema_of(field, text):
    """As another command has the field; or made of its type and its bounds."""
    kind = {"integer": "integer", "seconds": "number", "decimal": "number", "boolean": "boolean",
            "milliseconds since 1970": "integer"}.get(field["type"], "string")
    commands = text[:text.index("\n    Command:")]
    found = re.findall(rf"^        {field['name']}: (\{{.*\}})$", commands, re.M)
    fit = [one for one in found if field["type"] != "uuid" or "OwnId" not in one]
    if fit:
        return fit[-1]
    if field["type"] == "uuid":
        return "{$ref: '#/components/schemas/Id'}"
    if field["type"] == "choice":
        return f"{{type: string, enum: [{', '.join(field['values'])}]}}"
    low, high = ("minLength", "maxLength") if kind == "string" else ("minimum", "maximum")
    bounds = f", {low}: {field['min']}, {high}: {field['max']}" if "min" in field else ""
    return f"{{type: {kind}{bounds}}}"


def add_schema(openapi, command):
    name, fields = command["name"], command["fields"]
    required = ", ".join(["type", *(field["name"] for field in fields if field["required"])])
    properties = [f"type: {{enum: [{name}]}}", *COMMON, *([] if adds(command) else [IF_VERSION]),
                  *(f"{field['name']}: {schema_of(field, openapi.text)}" for field in fields)]
    lines = [f"    {upper(name)}:", f"      description: {plain(upper(command['help']) + '.')}", "      type: object",
             f"      required: [{required}]", "      properties:", *(f"        {one}" for one in properties),
             "      additionalProperties: false"]
    openapi.before(r"^    Command:$", "\n".join(lines) + "\n")
    listed = re.search(r"\n    Command:\n      oneOf:\n((?:        - .*\n)+)", openapi.text)
    openapi.at(listed.end(1), f"        - {{$ref: '#/components/schemas/{upper(name)}'}}\n")


def add_to_list(document, within, pattern, name):
    """At the end of the first flow list behind `within` that the pattern finds."""
    start = document.text.index(within)
    found = re.compile(pattern, re.S).search(document.text, start)
    line = document.text.rfind("\n", 0, found.end(1)) + 1
    fits = found.end(1) - line + len(name) + 3 <= WIDTH
    document.at(found.end(1), f", {name}" if fits else f",\n            {name}")


def add_event(openapi, command):
    entity = entity_of(command)
    if entity:
        add_to_list(openapi, f"\n    {upper(entity)}Event:\n", r"event:\s+(?:\{)?enum: \[([^\]]*)\]", command["name"])
        add_to_list(openapi, "\n    AuditEntry:\n", r"enum: \[([^\]]*?),\s+session_started", command["name"])


def sample(field, text):
    found = re.findall(rf"payload: \{{[^\n]*[{{ ]{field['name']}: ([^,{{}}\[\]]+)[,}}]", text)
    if found:
        return found[0]
    if field["type"] == "choice":
        return field["values"][0]
    return SAMPLES.get(field["type"], str(field.get("min", 1)))


def add_message(asyncapi, command):
    name = command["name"]
    values = ", ".join(f"{field['name']}: {sample(field, asyncapi.text)}" for field in command["fields"] if field["required"])
    payload = ", ".join(filter(None, [f"type: {name}", "id: 1", values]))
    asyncapi.before(r"^    getSession:$", f"""    {name}:
      summary: {plain(upper(command['help']))}
      payload: {{$ref: './openapi.yaml#/components/schemas/{upper(name)}'}}
      examples:
        - name: {entity_of(command) or 'plain'}
          payload: {{{payload}}}
""")
    asyncapi.before(r"^      getSession: \{\$ref", f"      {name}: {{$ref: '#/components/messages/{name}'}}\n")
    asyncapi.before(r"^      - \{\$ref: '#/channels/socket/messages/getSession'",
                    f"      - {{$ref: '#/channels/socket/messages/{name}'}}\n")


def add_row(protocol, command):
    fields = ", ".join(f"`{field['name']}{'' if field['required'] else '?'}`" for field in command["fields"])
    protocol.before(r"^\| `getSession`", f"| `{command['name']}` | {fields} | {command['help']} |\n")


def main():
    commands = json.loads(subprocess.run([sys.argv[1], "help", "commands"], check=True, capture_output=True).stdout)
    openapi, asyncapi, protocol = (Document(name) for name in ("openapi.yaml", "asyncapi.yaml", "protocol.md"))
    for command in commands["commands"]:
        name = command["name"]
        if f"type: {{enum: [{name}]}}" not in openapi.text and f"enum: [{name}, " not in openapi.text:
            add_schema(openapi, command)
            add_event(openapi, command)
        if f"#/components/messages/{name}'" not in asyncapi.text:
            add_message(asyncapi, command)
        if f"`{name}`" not in protocol.text:
            add_row(protocol, command)
    for document in (openapi, asyncapi, protocol):
        document.write()


if __name__ == "__main__":
    main()
