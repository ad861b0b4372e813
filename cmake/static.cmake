# The release links archives where there are any. Half of the time of a short command went into finding, mapping and
# relocating some sixty shared libraries, most of them Abseil's; what has no archive (isa-l) stays shared, as does libc.
# Other flavours keep the shared ones: they link faster, and the sanitizers want it so.
function(rs_archive target archive)
  get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
  foreach(configuration ${configurations})
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_${configuration} ${archive})
  endforeach()
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${archive})
endfunction()

get_property(imported DIRECTORY PROPERTY IMPORTED_TARGETS)
foreach(target ${imported} protobuf::libprotobuf-lite)
  get_target_property(shared ${target} LOCATION)
  if(target MATCHES "^(absl|protobuf)::" AND shared MATCHES "\\.so[.0-9]*$")
    string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive ${shared})
    if(EXISTS ${archive})
      rs_archive(${target} ${archive})
    endif()
  endif()
endforeach()

# A module that names one of these (LIBS) gets this target instead of -lNAME.
foreach(name crypto re2 xxhash yaml-cpp)
  find_library(RS_ARCHIVE_${name} lib${name}.a)
  if(RS_ARCHIVE_${name})
    add_library(${name} STATIC IMPORTED)
    rs_archive(${name} ${RS_ARCHIVE_${name}})
  endif()
endforeach()
add_library(fmt INTERFACE IMPORTED)  # as headers: its shared library would bring the shared standard library back
target_compile_definitions(fmt INTERFACE FMT_HEADER_ONLY)
add_link_options(-static-libstdc++ -static-libgcc)
