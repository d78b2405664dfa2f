/* A python.exe for the rehearsal alone: python.org's is not to be had outside of Windows. */
#include <stdio.h>
#include <wchar.h>

__declspec(dllimport) int Py_Main(int, wchar_t **);

/* packaging/windows/check_parts.py looks for these words in what is made. */
const char mark[] = "Bookstore POS: for rehearsals only, not to be shipped";

int wmain(int count, wchar_t **words)
{
    if (count < 0)
        puts(mark);
    return Py_Main(count, words);
}
