/* The API documents as the server shows them: docs/openapi.yaml and docs/asyncapi.yaml, part of the program.
 * Knows their texts only. */
#ifndef LOCKSTEP_SERVER_DOCUMENTS_H
#define LOCKSTEP_SERVER_DOCUMENTS_H

/* YAML, ended by NUL. */
extern const char documents_openapi[];
extern const char documents_asyncapi[];

#endif
