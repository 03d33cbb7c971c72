; Inno Setup 6: one installer from dist\allusedesk. UNTESTED: nobody has run this on Windows yet.
; packaging\windows\README.md tells how.

#ifndef Version
  #error Give the version: iscc /DVersion=0.1.0 packaging\windows\allusedesk.iss
#endif

[Setup]
; The same AppId makes a newer installer an upgrade of the older one. It never changes.
AppId={{7D0B6F3C-52E1-4E0B-9C55-2B7B4B1D8A61}
AppName=ALL-USE Desk
AppVersion={#Version}
AppPublisher=The ALL-USE Desk project
AppCopyright=MIT licence
LicenseFile=..\..\LICENSE
DefaultDirName={autopf}\ALL-USE Desk
DefaultGroupName=ALL-USE Desk
DisableProgramGroupPage=yes
; Whoever may not install for everybody installs for himself.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir=..\..\dist
OutputBaseFilename=allusedesk-{#Version}-windows-x64
SetupIconFile=..\..\resources\icons\allusedesk.ico
UninstallDisplayIcon={app}\allusedesk.exe
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
; A running desk is asked to close; its journal is whole whether it does or not.
CloseApplications=yes
RestartApplications=no
ChangesEnvironment=yes

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "A sign on the desktop"; Flags: unchecked
Name: "path"; Description: "The command allusedesk in every console"; Flags: unchecked

[InstallDelete]
; Libraries of an older version must not stay beside those of the new one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\dist\allusedesk\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{group}\ALL-USE Desk"; Filename: "{app}\allusedeskw.exe"; Parameters: "desk"; AppUserModelID: "allusedesk"
Name: "{autodesktop}\ALL-USE Desk"; Filename: "{app}\allusedeskw.exe"; Parameters: "desk"; AppUserModelID: "allusedesk"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "{code:EnvironmentKey}"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsNotOnPath

[Run]
Filename: "{app}\allusedeskw.exe"; Parameters: "desk"; Description: "Open the desk"; Flags: nowait postinstall skipifsilent

; Journals, settings and layouts lie in the person's own folder, %LOCALAPPDATA%\allusedesk, which
; neither installing nor removing touches: there is no [UninstallDelete] for a reason.

[Code]
function EnvironmentKey(Param: String): String;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

function IsNotOnPath: Boolean;
var
  Known: String;
begin
  if not RegQueryStringValue(HKA, EnvironmentKey(''), 'Path', Known) then
    Known := '';
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Known) + ';') = 0;
end;
