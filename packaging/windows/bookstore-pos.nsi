; The installer for Windows: for everybody on the machine or for one person, silent with /S. packaging/windows/pack.sh
; runs makensis on it with VERSION, FOLDER, OUTFILE and SIZE_KB, and where they fit TARGET, QUICK and SIGN.
;
;   bookstore-pos-VERSION-windows-x86_64-setup.exe /S [/AllUsers | /CurrentUser] [/D=C:\where it goes]
;
; Ends with 0 where it worked, 1 where somebody broke it off, 2 where it could not be done, 3 where a till is open.

; Debian's NSIS can make an installer that is a 64-bit program itself; NSIS for Windows makes 32-bit ones.
!ifdef TARGET
  Target ${TARGET}
!endif
Unicode true
!define NAME "Bookstore POS"
!define PUBLISHER "The Bookstore POS developers"
!define PROGRAM "bookstore-pos.exe"
!define WINDOW "bookstore-pos-window.exe"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define PATHS_KEY "Software\Microsoft\Windows\CurrentVersion\App Paths"
!define OWN_KEY "Software\${NAME}"
!define BROKEN_OFF 1
!define IMPOSSIBLE 2
!define IN_USE 3

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "UninstallString"
!include MultiUser.nsh
!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include WinVer.nsh
!include x64.nsh

Var Settings

Name "${NAME}"
OutFile "${OUTFILE}"
BrandingText "${NAME} ${VERSION}"
!ifdef QUICK ; an older version, for rehearsals
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
  SetCompressorDictSize 32
!endif
CRCCheck force
AllowSkipFiles off
ManifestDPIAware true
ManifestSupportedOS Win10
ShowInstDetails nevershow
ShowUnInstDetails show
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME}, installer"
VIAddVersionKey CompanyName "${PUBLISHER}"
VIAddVersionKey LegalCopyright "2026 ${PUBLISHER}, Apache-2.0"
!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"' = 0
  !finalize '${SIGN} "%1"' = 0
!endif

!define MUI_ICON "${FOLDER}\bookstore-pos.ico"
!define MUI_UNICON "${FOLDER}\bookstore-pos.ico"
!define MUI_ABORTWARNING
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_TITLE "${NAME} ${VERSION} is in place"
!define MUI_FINISHPAGE_TEXT "The Start menu has it."
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!define MUI_FINISHPAGE_TITLE "${NAME} is taken away"
!define MUI_FINISHPAGE_TEXT "Left alone: every shop's data, in$\r$\n%LOCALAPPDATA%\bookstore-pos$\r$\nof whoever used it, or where data_dir said, and the machine's settings, in$\r$\n$Settings"
!insertmacro MUI_UNPAGE_FINISH
!insertmacro MUI_LANGUAGE English

; Tell why it ends, in words where somebody looks and by a number where nobody does.
!macro REFUSE CODE TEXT
  SetErrorLevel ${CODE}
  MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
  Abort "${TEXT}"
!macroend
!define REFUSE "!insertmacro REFUSE"

; A program that runs cannot be written to.
!macro REFUSE_IF_OPEN FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      ${REFUSE} ${IN_USE} "${NAME} is open, or $INSTDIR may not be changed. Close it on this machine, then do this again."
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

; What is there of an older version waits in a folder until the new one is whole.
!macro SET_ASIDE NAME
  ${If} ${FileExists} "$INSTDIR\${NAME}"
    ClearErrors
    Rename "$INSTDIR\${NAME}" "$INSTDIR\older\${NAME}"
    ${If} ${Errors}
      Call put_back
      ${REFUSE} ${IN_USE} "$INSTDIR\${NAME} is in use. Close what uses it, then do this again."
    ${EndIf}
  ${EndIf}
!macroend

!macro PUT_BACK NAME
  ${If} ${FileExists} "$INSTDIR\older\${NAME}"
    RMDir /r "$INSTDIR\${NAME}"
    Delete "$INSTDIR\${NAME}"
    Rename "$INSTDIR\older\${NAME}" "$INSTDIR\${NAME}"
  ${EndIf}
!macroend

!macro EACH DO
  !insertmacro ${DO} "lib"
  !insertmacro ${DO} "licences"
  !insertmacro ${DO} "${PROGRAM}"
  !insertmacro ${DO} "${WINDOW}"
!macroend

Function .onInit
  SetRegView 64
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastBuild} 17763
    ${REFUSE} ${IMPOSSIBLE} "${NAME} needs a 64-bit Windows 10 (1809) or newer."
  ${EndIf}
  ; What /D= says is there already, and would be forgotten for the usual place.
  StrCpy $R9 $INSTDIR
  !insertmacro MULTIUSER_INIT
  ${If} $R9 != ""
    StrCpy $INSTDIR $R9
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
  SetShellVarContext all
  StrCpy $Settings "$APPDATA\${NAME}\config.toml"
  ${If} $MultiUser.InstallMode == "CurrentUser"
    SetShellVarContext current
  ${EndIf}
FunctionEnd

Function put_back
  !insertmacro EACH PUT_BACK
  RMDir "$INSTDIR\older"
FunctionEnd

; The disk was full, or somebody broke it off: the older version is there again.
Function .onInstFailed
  ${If} ${FileExists} "$INSTDIR\older\${PROGRAM}"
    Call put_back
  ${EndIf}
FunctionEnd

Section
  ; Whoever has the MSI has it from their administrators, who upgrade it too.
  ReadRegStr $0 HKLM "${OWN_KEY}" "Package"
  ${If} $0 == "msi"
  ${AndIf} $MultiUser.InstallMode == "AllUsers"
    ${REFUSE} ${IMPOSSIBLE} "${NAME} was installed here as an MSI package. Upgrade it with the newer MSI, or remove that one first."
  ${EndIf}
  ${IfNot} ${FileExists} "$INSTDIR\uninstall.exe"
    FindFirst $0 $1 "$INSTDIR\*"
    ${DoWhile} $1 != ""
      ${If} $1 != "."
      ${AndIf} $1 != ".."
        ${REFUSE} ${IMPOSSIBLE} "$INSTDIR holds other files. Choose a folder of its own."
      ${EndIf}
      FindNext $0 $1
    ${Loop}
    FindClose $0
  ${EndIf}
  SetOutPath "$INSTDIR"
  !insertmacro REFUSE_IF_OPEN "${PROGRAM}"
  !insertmacro REFUSE_IF_OPEN "${WINDOW}"
  ${If} ${FileExists} "$INSTDIR\older\*"
    RMDir /r "$INSTDIR\older"
  ${EndIf}
  CreateDirectory "$INSTDIR\older"
  !insertmacro EACH SET_ASIDE

  SetOverwrite on
  File /r "${FOLDER}\bookstore-pos\*"
  File "${FOLDER}\config.toml"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  RMDir /r "$INSTDIR\older"

  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${WINDOW}"
  ; `start bookstore-pos`, and the Run window, find it; no search path is changed.
  WriteRegStr SHCTX "${PATHS_KEY}\${PROGRAM}" "" "$INSTDIR\${PROGRAM}"
  ${If} $MultiUser.InstallMode == "AllUsers"
    StrCpy $0 "/AllUsers"
    SetShellVarContext all
    CreateDirectory "$APPDATA\${NAME}"
    ${IfNot} ${FileExists} "$APPDATA\${NAME}\config.toml"
      CopyFiles /SILENT "$INSTDIR\config.toml" "$APPDATA\${NAME}\config.toml"
    ${EndIf}
  ${Else}
    StrCpy $0 "/CurrentUser"
  ${EndIf}
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${WINDOW}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" $0'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S $0'
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE_KB}
SectionEnd

Section Uninstall
  !insertmacro REFUSE_IF_OPEN "${PROGRAM}"
  !insertmacro REFUSE_IF_OPEN "${WINDOW}"
  ; By name, so that what somebody else laid into the folder stays.
  RMDir /r "$INSTDIR\lib"
  RMDir /r "$INSTDIR\licences"
  RMDir /r "$INSTDIR\older"
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\${WINDOW}"
  Delete "$INSTDIR\SHA256SUMS"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\config.toml"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey SHCTX "${PATHS_KEY}\${PROGRAM}"
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  DetailPrint "Left alone: every shop's data (%LOCALAPPDATA%\bookstore-pos of whoever used it, or where data_dir said)"
  DetailPrint "and the machine's settings ($Settings)."
SectionEnd
