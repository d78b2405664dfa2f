/* A stand-in for Windows 10's own bcryptprimitives.dll, which wine 8 has not. What is written in Rust asks it for chance,
   which older Windows gives by another name. */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(void *to, ULONG size);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *to, SIZE_T size)
{
    return SystemFunction036(to, (ULONG)size);
}
