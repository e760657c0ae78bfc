#define RECTINET_VECTOR_BYTES 16
#define RECTINET_GROUP_VECTORS 2
#define RECTINET_NAME "plain"
#define RECTINET_INSTRUCTIONS plain_instructions
#define RECTINET_DOTS plain_dots
#define RECTINET_PACKED_ROWS 0
#include "tiles.inl"
#include "dots.inl"
