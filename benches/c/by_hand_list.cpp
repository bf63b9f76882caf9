// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The list of jobs by hand: libcurl for the bytes, simdjson's on-demand parser for id and state, one
// page after the other on one connection. No retries, no deadlines, no checks of what comes but that
// it is JSON as expected.
//
// Prints jobs, active jobs, bytes of ids, and the seconds and CPU seconds of listing, after the first
// token.
#include <curl/curl.h>
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string>

namespace {

std::string env(const char *name)
{
  const char *value = std::getenv(name);
  if (value == nullptr)
    throw std::runtime_error(std::string(name) + " is not set: run it through benches/run");
  return value;
}

double seconds(clockid_t clock)
{
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::size_t append(char *bytes, std::size_t size, std::size_t count, void *body)
{
  static_cast<std::string *>(body)->append(bytes, size * count);
  return size * count;
}

// One connection pool and one buffer, used again for each request.
class Client {
public:
  Client() : curl(curl_easy_init())
  {
    curl_easy_setopt(curl, CURLOPT_CAINFO, env("BENCH_CA").c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 512L * 1024);
  }
  Client(const Client &) = delete;
  Client &operator=(const Client &) = delete;
  ~Client()
  {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }

  std::string encoded(const std::string &text)
  {
    char *copy = curl_easy_escape(curl, text.data(), static_cast<int>(text.size()));
    std::string result(copy);
    curl_free(copy);
    return result;
  }

  void form(const std::string &fields) { curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, fields.c_str()); }

  void bearer(const std::string &token)
  {
    headers = curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  }

  simdjson::ondemand::document fetch(const std::string &url)
  {
    body.clear();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
      throw std::runtime_error(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
      throw std::runtime_error(url + " was answered with " + std::to_string(status));
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    return parser.iterate(body.data(), body.size(), body.capacity());
  }

private:
  CURL *curl;
  curl_slist *headers = nullptr;
  std::string body;
  simdjson::ondemand::parser parser;
};

std::string token(Client &client)
{
  client.form("grant_type=client_credentials&client_id=" + client.encoded(env("EMULATOR_CLIENT_ID")) +
              "&client_secret=" + client.encoded(env("EMULATOR_CLIENT_SECRET")) +
              "&scope=" + client.encoded("https://batch.core.windows.net//.default"));
  auto answer = client.fetch(env("EMULATOR_ENTRA") + "/" + env("EMULATOR_TENANT") + "/oauth2/v2.0/token");
  return std::string(std::string_view(answer["access_token"]));
}

void list()
{
  Client client;
  client.bearer(token(client));
  std::size_t jobs = 0, active = 0, bytes = 0;
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  std::string url = env("EMULATOR_BATCH_CONTOSO") + "/jobs?api-version=2025-06-01";
  while (!url.empty()) {
    auto page = client.fetch(url);
    for (auto job : page["value"]) {
      std::string_view id = job["id"], state = job["state"];
      jobs++;
      active += state == "active";
      bytes += id.size();
    }
    std::string_view next;
    auto absent = page["odata.nextLink"].get(next);
    url = absent ? std::string() : std::string(next);
  }
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  wall = seconds(CLOCK_MONOTONIC) - wall;
  std::printf("%zu %zu %zu %.6f %.6f\n", jobs, active, bytes, wall, cpu);
}

} // namespace

int main()
{
  curl_global_init(CURL_GLOBAL_DEFAULT);
  try {
    list();
  } catch (const std::exception &error) {
    std::fprintf(stderr, "by_hand_list: %s\n", error.what());
    return EXIT_FAILURE;
  }
  curl_global_cleanup();
  return EXIT_SUCCESS;
}
