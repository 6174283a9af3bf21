#include "server/documents.h"

/* The assembler puts the files in as they are; it finds them from the top folder. */
/* clang-format off */
__asm__(
	".pushsection .rodata\n"
	".global documents_openapi\n"
	".hidden documents_openapi\n"
	"documents_openapi:\n"
	".incbin \"docs/openapi.yaml\"\n"
	".byte 0\n"
	".global documents_asyncapi\n"
	".hidden documents_asyncapi\n"
	"documents_asyncapi:\n"
	".incbin \"docs/asyncapi.yaml\"\n"
	".byte 0\n"
	".popsection\n");
/* clang-format on */
