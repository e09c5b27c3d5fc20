/* What check.c gives to an implementation: the numbers of the case at hand, by the names of the flat text form. */

double number(const char *name);             /* a number, 0 if the case has none of this name */
const double *array(const char *name);       /* the values of an array, row by row; NULL if there is none */
int text_is(const char *name, const char *); /* whether a text of this name has this value */
void result(const char *name, const double *computed); /* compares with the stored array, or number, of this name */

void lstm(void); /* yours: reads a case, computes, calls result for all that it has computed */
