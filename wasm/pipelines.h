/*
 * One record at a time. OpenSSL has room for 32 in each direction of a connection, for engines that
 * encrypt them side by side; there are none here. That room was 7 KB of a connection, cleared and wiped
 * a dozen times in a handshake. What is compiled with OpenSSL's internal headers needs this one first.
 */
#include <openssl/ssl.h>

#undef SSL_MAX_PIPELINES
#define SSL_MAX_PIPELINES 1
