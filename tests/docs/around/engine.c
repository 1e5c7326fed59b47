#include <orkestr/orkestr.h>
void around(orkestr_text name, orkestr_text json);
void around(orkestr_text name, orkestr_text json) {
SNIPPET
  orkestr_buffer_free(answer);
}
