#define RECTINET_VECTOR_BYTES 64
#define RECTINET_GROUP_VECTORS 4
#define RECTINET_NAME "avx512"
#define RECTINET_INSTRUCTIONS avx512_instructions
#define RECTINET_DOTS avx512_dots
#define RECTINET_PACKED_ROWS 96
#include "tiles.inl"
#include "dots.inl"
