# Sign files so that Windows knows who made them: sign.ps1 FILE…
#   SIGN_CERT_SHA1      the certificate's thumbprint, in this machine's store or on the key that is plugged in; or
#   SIGN_CERT_FILE      a .pfx file, and SIGN_CERT_PASSWORD its password
#   SIGN_TIMESTAMP_URL  who says when it was signed, so that the signature outlives the certificate
param([Parameter(Mandatory, ValueFromRemainingArguments)][string[]] $Files)
$ErrorActionPreference = 'Stop'

$kits = Join-Path ${env:ProgramFiles(x86)} 'Windows Kits\10\bin'
$signtool = Get-ChildItem -Path $kits -Recurse -Filter signtool.exe -ErrorAction SilentlyContinue |
    Where-Object { $_.DirectoryName -like '*\x64' } | Sort-Object FullName | Select-Object -Last 1
if (-not $signtool) { throw 'signtool.exe is missing: install the Windows SDK.' }
if (-not $env:SIGN_TIMESTAMP_URL) { throw 'SIGN_TIMESTAMP_URL is not set.' }

$words = @('sign', '/fd', 'SHA256', '/td', 'SHA256', '/tr', $env:SIGN_TIMESTAMP_URL, '/d', 'Bookstore POS')
if ($env:SIGN_CERT_SHA1) { $words += '/sha1', $env:SIGN_CERT_SHA1 }
elseif ($env:SIGN_CERT_FILE) { $words += '/f', $env:SIGN_CERT_FILE, '/p', $env:SIGN_CERT_PASSWORD }
else { throw 'Neither SIGN_CERT_SHA1 nor SIGN_CERT_FILE is set.' }

# The server that tells the time is at times too busy.
foreach ($try in 1..3) {
    & $signtool.FullName @words $Files
    if ($LASTEXITCODE -eq 0) { break }
    if ($try -eq 3) { throw "signtool ended with $LASTEXITCODE." }
    Start-Sleep -Seconds (10 * $try)
}
& $signtool.FullName verify /pa /q $Files
if ($LASTEXITCODE -ne 0) { throw "The signature does not verify: $LASTEXITCODE." }
