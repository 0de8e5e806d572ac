#ifndef CUSTOS_CCURL_H
#define CUSTOS_CCURL_H
// libcurl's setopt and getinfo are variadic, which Swift cannot call: typed wrappers stand here, one per type of
// argument. https://curl.se/libcurl/c/curl_easy_setopt.html
#include <curl/curl.h>

/// curl_global_init with libcurl's default flags, a macro Swift does not see.
CURLcode custos_curl_global_init(void);

CURLcode custos_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode custos_curl_set_size(CURL *handle, CURLoption option, curl_off_t value);
/// libcurl copies the string.
CURLcode custos_curl_set_string(CURL *handle, CURLoption option, const char *value);
/// libcurl keeps the pointer.
CURLcode custos_curl_set_pointer(CURL *handle, CURLoption option, void *value);
/// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION, which share this type.
CURLcode custos_curl_set_receiver(CURL *handle, CURLoption option, curl_write_callback value);

CURLcode custos_curl_get_long(CURL *handle, CURLINFO info, long *value);
/// For the infos whose names end in _T.
CURLcode custos_curl_get_size(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode custos_curl_get_certificates(CURL *handle, struct curl_certinfo **value);

CURLMcode custos_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
#endif
