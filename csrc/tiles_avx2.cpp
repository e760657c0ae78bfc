#define RECTINET_VECTOR_BYTES 32
#define RECTINET_GROUP_VECTORS 2
#define RECTINET_NAME "avx2"
#define RECTINET_INSTRUCTIONS avx2_instructions
#define RECTINET_DOTS avx2_dots
#define RECTINET_PACKED_ROWS 0
#include "tiles.inl"
#include "dots.inl"
