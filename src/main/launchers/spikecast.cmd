@echo off
rem Runs spikecast.jar, which stands beside this file, with the SIMD module.
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" --add-modules jdk.incubator.vector -jar "%~dp0spikecast.jar" %*
exit /b %ERRORLEVEL%
