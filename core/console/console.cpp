#include "console/console.h"

// The room is interfaces and plain values; this file only proves that its headers stand alone.
