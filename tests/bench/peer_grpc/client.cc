// SPDX-License-Identifier: Apache-2.0
// Load for the gRPC peer: a number of connections, each with a number of unary calls in flight, callback API, TLS.
// `client PORT CA CONNECTIONS INFLIGHT SECONDS BYTES`; one line of JSON in the form of load.c.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "echo.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto WARM_UP = std::chrono::milliseconds(1000);

std::string file_text(const char *path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// What all slots share: when to count and when to stop.
struct Window {
    Clock::time_point from, until;
    std::atomic<long> failed{0};
    std::mutex lock;
    std::condition_variable ended;
    int running = 0;
};

// One call in flight; its reply starts the next one.
struct Slot {
    peer::Echo::Stub *stub;
    Window *window;
    std::unique_ptr<grpc::ClientContext> context;
    peer::EchoRequest request;
    peer::EchoReply reply;
    Clock::time_point started;
    std::vector<uint32_t> latencies_us;

    void start()
    {
        context = std::make_unique<grpc::ClientContext>();
        started = Clock::now();
        stub->async()->Call(context.get(), &request, &reply, [this](const grpc::Status &status) { done(status); });
    }

    void done(const grpc::Status &status)
    {
        const Clock::time_point now = Clock::now();
        if (!status.ok() || reply.payload().size() != request.payload().size())
            window->failed++;
        else if (now >= window->from && now < window->until)
            latencies_us.push_back(static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(now - started).count()));
        if (now < window->until && window->failed == 0) {
            start();
            return;
        }
        std::lock_guard<std::mutex> hold(window->lock);
        if (--window->running == 0)
            window->ended.notify_one();
    }
};

}  // namespace

int main(int argc, char **argv)
{
    if (argc != 7) {
        std::cerr << "usage: client PORT CA CONNECTIONS INFLIGHT SECONDS BYTES\n";
        return 64;
    }
    const std::string target = "127.0.0.1:" + std::string(argv[1]);
    const int connections = std::stoi(argv[3]), in_flight = std::stoi(argv[4]);
    const double seconds = std::stod(argv[5]);
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = file_text(argv[2]);
    auto credentials = grpc::SslCredentials(tls);

    std::vector<std::unique_ptr<peer::Echo::Stub>> stubs;
    for (int i = 0; i < connections; i++) {
        // A pool of subchannels of its own makes each channel a connection of its own.
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        arguments.SetInt("peer.connection", i);
        auto channel = grpc::CreateCustomChannel(target, credentials, arguments);
        if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
            std::cerr << "client: cannot connect\n";
            return 69;
        }
        stubs.push_back(peer::Echo::NewStub(channel));
    }

    Window window;
    window.from = Clock::now() + WARM_UP;
    window.until = window.from + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    window.running = connections * in_flight;
    std::vector<std::unique_ptr<Slot>> slots;
    for (int i = 0; i < connections * in_flight; i++) {
        slots.push_back(std::make_unique<Slot>());
        slots[i]->stub = stubs[i % connections].get();
        slots[i]->window = &window;
        slots[i]->request.set_payload(std::string(std::stoul(argv[6]), 'x'));
    }
    for (auto &slot : slots)
        slot->start();
    {
        std::unique_lock<std::mutex> hold(window.lock);
        window.ended.wait(hold, [&] { return window.running == 0; });
    }

    std::vector<uint32_t> all;
    for (auto &slot : slots)
        all.insert(all.end(), slot->latencies_us.begin(), slot->latencies_us.end());
    if (window.failed || all.empty()) {
        std::cerr << "client: a call failed\n";
        return 70;
    }
    std::sort(all.begin(), all.end());
    const auto at = [&](double share) { return all[static_cast<size_t>(share * static_cast<double>(all.size() - 1))]; };
    std::cout << "{\"calls\": " << all.size() << ", \"seconds\": " << seconds << ", \"per_s\": " << static_cast<double>(all.size()) / seconds
              << ", \"p50_us\": " << at(0.5) << ", \"p90_us\": " << at(0.9) << ", \"p99_us\": " << at(0.99)
              << ", \"max_us\": " << all.back() << "}" << std::endl;
    return 0;
}
