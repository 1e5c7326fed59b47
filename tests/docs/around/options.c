#include <orkestr/orkestr.h>
#include <string.h>
orkestr_options around(const char *file, const char *keys);
orkestr_options around(const char *file, const char *keys) {
SNIPPET
  return options;
}
