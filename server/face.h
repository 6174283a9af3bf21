/* Whom a listener is for. It says which routes are known there (route.h) and how its connections count
 * (conn.h); knows neither. */
#ifndef LOCKSTEP_SERVER_FACE_H
#define LOCKSTEP_SERVER_FACE_H

enum face {
	FACE_PUBLIC,  /* people: --listen */
	FACE_METRICS, /* who watches the server: --metrics */
	FACE_CONTROL, /* who runs it, on this machine */
	FACE_COUNT
};

/* A set of faces. */
#define FACE_BIT(face) (1U << (face))

#endif
