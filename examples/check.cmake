# Runs an example and compares what it prints: cmake -DPROGRAM=… -DEXPECTED=… -P check.cmake
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE printed RESULT_VARIABLE code)
file(READ ${EXPECTED} expected)
if(NOT code EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "exit code ${code}\n--- printed\n${printed}\n--- expected\n${expected}")
endif()
