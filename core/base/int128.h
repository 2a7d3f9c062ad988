// 128-bit whole numbers for exact products; a GCC and Clang extension, named once here.
#pragma once

namespace qd::base {

__extension__ using Int128 = __int128;

} // namespace qd::base
