@echo off
rem Runs spikecast.jar, which stands beside this file, with the archive of classes that the build made.
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
set "ARCHIVE="
rem A JVM that the archive does not fit would say so, and starts without it.
if exist "%~dp0spikecast.jsa" set ARCHIVE="-XX:SharedArchiveFile=%~dp0spikecast.jsa" -Xlog:cds=off -Xlog:cds+dynamic=off
"%JAVA%" %ARCHIVE% -jar "%~dp0spikecast.jar" %*
exit /b %ERRORLEVEL%
