// A small C ABI over libtorch. Operators are reached by name through libtorch's own dispatcher, in its boxed form, so
// that a new operator needs no C++. What the dispatcher does not offer (autograd, generators, raw memory) is below it.
//
// Conventions: a tensor handle is one owned reference to a TensorImpl, and null is the undefined tensor. A function that
// can fail returns false (or null) and leaves libtorch's message, without its C++ stack, to bridge_last_error().

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/serialize/archive.h>
#include <torch/version.h>

#if defined(__GLIBC__)
#include <malloc.h>

#include <cstdlib>
#endif

#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#define BRIDGE extern "C" __attribute__((visibility("default")))

namespace {

using Impl = c10::TensorImpl;
// A list of optional tensors in this libtorch's own optional: c10's up to 2.2, the standard one from then on.
using OptionalTensors = decltype(std::declval<const c10::IValue&>().toOptionalTensorList());
using ImplPointer = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

#if defined(__GLIBC__)
// A training step frees what it took and takes the same again. By default the C library hands freed memory back to the kernel,
// which then has to clear it page by page for the next step: see docs/decisions/freed-memory-is-kept.md.
[[maybe_unused]] const bool keeps_freed_memory = [] {
  constexpr int kept = 512 << 20;
  constexpr int mapped_alone = 32 << 20;  // the most that the C library accepts
  return std::getenv("MALLOC_TRIM_THRESHOLD_") == nullptr && std::getenv("GLIBC_TUNABLES") == nullptr &&
         mallopt(M_TRIM_THRESHOLD, kept) == 1 && mallopt(M_MMAP_THRESHOLD, mapped_alone) == 1;
}();

// libtorch asks for aligned blocks, and a C library before 2.38 seldom gives a freed one to the next request of its size: it looks
// for a larger one to cut the alignment from, and memory leaps by a block now and then. Plain blocks with room to align in are found again.
class AlignedBlocks final : public c10::Allocator {
 public:
  // Constant in libtorch 1.13 and not in later ones: whichever the base declares is overridden.
  c10::DataPtr allocate(size_t bytes) const { return take(bytes); }
  c10::DataPtr allocate(size_t bytes) { return take(bytes); }
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }

 private:
  static constexpr size_t alignment = 64;

  static c10::DataPtr take(size_t bytes) {
    void* data = nullptr;
    if (bytes > 0) {
      auto* block = static_cast<char*>(std::malloc(bytes + alignment));
      TORCH_CHECK(block != nullptr, "can't allocate memory: you tried to allocate ", bytes, " bytes.");
      // malloc aligns by 16, so at least as much lies before the aligned address: room for the block's own.
      data = block + alignment - reinterpret_cast<uintptr_t>(block) % alignment;
      static_cast<void**>(data)[-1] = block;
    }
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
  }

  static void give_back(void* data) {
    if (data != nullptr) std::free(static_cast<void**>(data)[-1]);
  }
};

[[maybe_unused]] const bool finds_freed_blocks = [] {
  static AlignedBlocks blocks;
  c10::SetCPUAllocator(&blocks, 1);
  return true;
}();
#endif

thread_local std::string last_error;

template <class F>
bool guarded(F&& body) noexcept {
  try {
    body();
    return true;
  } catch (const c10::Error& error) {
    last_error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    last_error = error.what();
  } catch (...) {
    last_error = "libtorch failed without a message.";
  }
  return false;
}

// Takes a new reference to the tensor behind a handle, and the way back.
at::Tensor borrow(void* handle) {
  return handle == nullptr ? at::Tensor() : at::Tensor(ImplPointer::reclaim_copy(static_cast<Impl*>(handle)));
}

void* release(at::Tensor&& tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

std::vector<at::Tensor> borrow_all(void* const* handles, int64_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int64_t i = 0; i < count; ++i) tensors.push_back(borrow(handles[i]));
  return tensors;
}

// Several tensors leave as one array that the caller hands back to bridge_free.
void** release_all(std::vector<at::Tensor>&& tensors) {
  auto** handles = static_cast<void**>(std::malloc(sizeof(void*) * (tensors.empty() ? 1 : tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i) handles[i] = release(std::move(tensors[i]));
  return handles;
}

// One argument or result. Kept in step with NativeValue on the managed side.
enum class Tag : int32_t { None, Default, Tensor, Integer, Double, Bool, Integers, Doubles, Tensors, Text, Device, Generator };

struct Value {
  Tag tag;
  int32_t count;  // elements of a list, bytes of a text
  union {
    int64_t integer;
    double real;
    void* pointer;
  };
};

at::Device device_of(int64_t packed) {
  return at::Device(static_cast<at::DeviceType>(packed >> 32), static_cast<c10::DeviceIndex>(static_cast<int32_t>(packed)));
}

int64_t pack(at::Device device) {
  return (static_cast<int64_t>(device.type()) << 32) | static_cast<uint32_t>(static_cast<int32_t>(device.index()));
}

// What an operator expects in one place of its argument list.
enum class Kind { Tensor, Tensors, OptionalTensors, Integer, Double, Bool, Number, Integers, Doubles, Numbers, Text, Device, Generator, Other };

struct Slot {
  Kind kind;
  int32_t repeat;  // n of int[n]: one number given stands for n of them
  std::optional<c10::IValue> fallback;
};

struct Operator {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<Slot> slots;
};

Kind kind_of(const c10::Type& type) {
  switch (type.kind()) {
    case c10::TypeKind::TensorType: return Kind::Tensor;
    case c10::TypeKind::IntType: return Kind::Integer;
    case c10::TypeKind::FloatType: return Kind::Double;
    case c10::TypeKind::BoolType: return Kind::Bool;
    case c10::TypeKind::NumberType: return Kind::Number;
    case c10::TypeKind::StringType: return Kind::Text;
    case c10::TypeKind::DeviceObjType: return Kind::Device;
    case c10::TypeKind::GeneratorType: return Kind::Generator;
    case c10::TypeKind::OptionalType: return kind_of(*type.containedType(0));
    case c10::TypeKind::ListType: {
      const auto& element = *type.containedType(0);
      if (element.kind() == c10::TypeKind::OptionalType) return Kind::OptionalTensors;
      switch (kind_of(element)) {
        case Kind::Tensor: return Kind::Tensors;
        case Kind::Integer: return Kind::Integers;
        case Kind::Double: return Kind::Doubles;
        case Kind::Number: return Kind::Numbers;
        default: return Kind::Other;
      }
    }
    default: return Kind::Other;
  }
}

[[noreturn]] void mismatch(const Operator& op, size_t index) {
  const auto& argument = op.handle.schema().arguments()[index];
  TORCH_CHECK(false, op.name, ": argument '", argument.name(), "' takes ", argument.type()->str(), ", not what was given.");
}

template <class T>
c10::List<T> list_of(const T* items, int64_t count) {
  c10::List<T> list;
  list.reserve(count);
  for (int64_t i = 0; i < count; ++i) list.push_back(items[i]);
  return list;
}

c10::IValue fallback_of(const Operator& op, size_t index) {
  const auto& fallback = op.slots[index].fallback;
  if (!fallback) mismatch(op, index);
  return *fallback;
}

c10::IValue convert(const Operator& op, size_t index, const Value& value) {
  const Slot& slot = op.slots[index];
  switch (value.tag) {
    case Tag::Default: return fallback_of(op, index);
    case Tag::None: return slot.kind == Kind::Tensor ? c10::IValue(at::Tensor()) : c10::IValue();
    case Tag::Tensor:
      if (slot.kind == Kind::Tensor) return borrow(value.pointer);
      break;
    case Tag::Integer:
      if (slot.kind == Kind::Integer || slot.kind == Kind::Number) return value.integer;
      if (slot.kind == Kind::Double) return static_cast<double>(value.integer);
      if (slot.kind == Kind::Integers) return c10::List<int64_t>(list_of(std::vector<int64_t>(slot.repeat, value.integer).data(), slot.repeat));
      break;
    case Tag::Double:
      if (slot.kind == Kind::Double || slot.kind == Kind::Number) return value.real;
      break;
    case Tag::Bool:
      if (slot.kind == Kind::Bool || slot.kind == Kind::Number) return value.integer != 0;
      break;
    case Tag::Integers:
      if (slot.kind == Kind::Integers) return list_of(static_cast<const int64_t*>(value.pointer), value.count);
      break;
    case Tag::Doubles:
      if (slot.kind == Kind::Doubles) return list_of(static_cast<const double*>(value.pointer), value.count);
      if (slot.kind == Kind::Numbers) {
        c10::impl::GenericList list(c10::NumberType::get());
        list.reserve(value.count);
        for (int32_t i = 0; i < value.count; ++i) list.push_back(static_cast<const double*>(value.pointer)[i]);
        return list;
      }
      break;
    case Tag::Tensors: {
      auto* const* handles = static_cast<void* const*>(value.pointer);
      if (slot.kind == Kind::Tensors) return borrow_all(handles, value.count);
      if (slot.kind == Kind::OptionalTensors) {
        OptionalTensors list;
        list.reserve(value.count);
        for (int32_t i = 0; i < value.count; ++i)
          list.push_back(handles[i] == nullptr ? OptionalTensors::value_type() : OptionalTensors::value_type(borrow(handles[i])));
        return list;
      }
      break;
    }
    case Tag::Text:
      if (slot.kind == Kind::Text) return std::string(static_cast<const char*>(value.pointer), value.count);
      break;
    case Tag::Device:
      if (slot.kind == Kind::Device) return device_of(value.integer);
      break;
    case Tag::Generator:
      if (slot.kind == Kind::Generator) return *static_cast<at::Generator*>(value.pointer);
      break;
  }
  mismatch(op, index);
}

Value result_of(const Operator& op, c10::IValue&& value) {
  Value result{Tag::None, 0, {0}};
  if (value.isTensor()) {
    result.tag = Tag::Tensor;
    result.pointer = release(std::move(value).toTensor());
  } else if (value.isTensorList()) {
    auto tensors = value.toTensorVector();
    result.tag = Tag::Tensors;
    result.count = static_cast<int32_t>(tensors.size());
    result.pointer = release_all(std::move(tensors));
  } else if (value.isBool()) {
    result.tag = Tag::Bool;
    result.integer = value.toBool();
  } else if (value.isInt()) {
    result.tag = Tag::Integer;
    result.integer = value.toInt();
  } else if (value.isDouble()) {
    result.tag = Tag::Double;
    result.real = value.toDouble();
  } else {
    TORCH_CHECK(value.isNone(), op.name, ": a result of type ", value.tagKind(), " cannot be returned.");
  }
  return result;
}

// The argument stack is kept between calls of a thread; an operator that calls back in finds it taken and makes its own.
thread_local torch::jit::Stack spare_stack;

}  // namespace

BRIDGE const char* bridge_last_error() { return last_error.c_str(); }
BRIDGE const char* bridge_version() { return TORCH_VERSION; }
BRIDGE void bridge_free(void* memory) { std::free(memory); }

// ---- operators -------------------------------------------------------------------------------------------------------

// Never freed: an operator is looked up once in a process.
BRIDGE Operator* bridge_operator(const char* name, const char* overload) {
  Operator* found = nullptr;
  guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(handle.has_value(), "This libtorch (", TORCH_VERSION, ") has no operator ", name, *overload ? "." : "", overload, ".");
    auto op = std::make_unique<Operator>(Operator{*handle, name, {}});
    for (const auto& argument : handle->schema().arguments()) {
      Slot slot{kind_of(*argument.type()), argument.N() ? *argument.N() : 1, {}};
      if (argument.default_value()) {
        slot.fallback = *argument.default_value();
        // An absent optional tensor is the undefined tensor.
        if (slot.kind == Kind::Tensor && slot.fallback->isNone()) slot.fallback = c10::IValue(at::Tensor());
      }
      op->slots.push_back(std::move(slot));
    }
    found = op.release();
  });
  return found;
}

// Calls an operator; missing trailing arguments take the schema's defaults. Fills at most `capacity` results and
// returns how many the operator has, or -1.
BRIDGE int32_t bridge_call(const Operator* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
  int32_t returned = -1;
  guarded([&] {
    torch::jit::Stack stack = std::move(spare_stack);
    stack.clear();
    const auto expected = op->slots.size();
    TORCH_CHECK(static_cast<size_t>(count) <= expected, op->name, ": takes ", expected, " arguments, ", count, " were given.");
    for (size_t i = 0; i < expected; ++i)
      stack.push_back(i < static_cast<size_t>(count) ? convert(*op, i, arguments[i]) : fallback_of(*op, i));
    op->handle.callBoxed(stack);
    returned = static_cast<int32_t>(stack.size());
    for (int32_t i = 0; i < returned && i < capacity; ++i) results[i] = result_of(*op, std::move(stack[i]));
    stack.clear();
    spare_stack = std::move(stack);
  });
  return returned;
}

// ---- tensors ---------------------------------------------------------------------------------------------------------

BRIDGE void bridge_tensor_free(void* tensor) { ImplPointer::reclaim(static_cast<Impl*>(tensor)); }

BRIDGE int32_t bridge_tensor_type(Impl* tensor) { return static_cast<int32_t>(c10::typeMetaToScalarType(tensor->dtype())); }
BRIDGE int64_t bridge_tensor_device(Impl* tensor) { return pack(tensor->device()); }
BRIDGE int64_t bridge_tensor_rank(Impl* tensor) { return tensor->dim(); }
BRIDGE int64_t bridge_tensor_numel(Impl* tensor) { return tensor->numel(); }
BRIDGE int64_t bridge_tensor_itemsize(Impl* tensor) { return static_cast<int64_t>(tensor->itemsize()); }
BRIDGE bool bridge_tensor_is_sparse(Impl* tensor) { return tensor->is_sparse(); }
BRIDGE bool bridge_tensor_is_contiguous(Impl* tensor) { return tensor->is_contiguous(); }
BRIDGE bool bridge_tensor_requires_grad(void* tensor) { return borrow(tensor).requires_grad(); }
BRIDGE bool bridge_tensor_is_leaf(void* tensor) { return borrow(tensor).is_leaf(); }

BRIDGE void bridge_tensor_sizes(Impl* tensor, int64_t* sizes) {
  const auto source = tensor->sizes();
  std::copy(source.begin(), source.end(), sizes);
}

BRIDGE bool bridge_tensor_strides(Impl* tensor, int64_t* strides) {
  return guarded([&] {
    const auto source = tensor->strides();
    std::copy(source.begin(), source.end(), strides);
  });
}

BRIDGE bool bridge_tensor_storage_offset(Impl* tensor, int64_t* offset) {
  return guarded([&] { *offset = tensor->storage_offset(); });
}

BRIDGE bool bridge_tensor_data(void* tensor, void** data) {
  return guarded([&] { *data = borrow(tensor).data_ptr(); });
}

// A new tensor with a copy of the caller's elements, or uninitialised where `data` is null.
BRIDGE void* bridge_tensor_create(const void* data, const int64_t* sizes, int64_t rank, int32_t type, int64_t device, bool requires_grad) {
  void* created = nullptr;
  guarded([&] {
    const auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(type));
    auto tensor = at::empty(at::IntArrayRef(sizes, rank), options);
    if (data != nullptr && tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
    if (device_of(device).type() != at::kCPU) tensor = tensor.to(device_of(device));
    tensor.set_requires_grad(requires_grad);
    created = release(std::move(tensor));
  });
  return created;
}

// A file of one tensor in libtorch's own archive format, the one that torch::save writes.
BRIDGE bool bridge_tensor_save(void* tensor, const char* path) {
  return guarded([&] {
    torch::serialize::OutputArchive archive;
    archive.write("0", borrow(tensor));
    archive.save_to(path);
  });
}

BRIDGE void* bridge_tensor_load(const char* path) {
  void* loaded = nullptr;
  guarded([&] {
    at::Tensor tensor;
    torch::serialize::InputArchive archive;
    archive.load_from(path);
    archive.read("0", tensor);
    loaded = release(std::move(tensor));
  });
  return loaded;
}

// ---- autograd --------------------------------------------------------------------------------------------------------

BRIDGE bool bridge_tensor_set_requires_grad(void* tensor, bool required) {
  return guarded([&] { borrow(tensor).set_requires_grad(required); });
}

BRIDGE bool bridge_tensor_retain_grad(void* tensor) {
  return guarded([&] { borrow(tensor).retain_grad(); });
}

BRIDGE void* bridge_tensor_grad(void* tensor) { return release(at::Tensor(borrow(tensor).grad())); }

BRIDGE bool bridge_tensor_set_grad(void* tensor, void* grad) {
  return guarded([&] { borrow(tensor).mutable_grad() = borrow(grad); });
}

BRIDGE bool bridge_backward(void** tensors, int64_t count, void** gradients, int64_t gradient_count, bool retain_graph, bool create_graph, void** inputs, int64_t input_count) {
  return guarded([&] {
    torch::autograd::backward(borrow_all(tensors, count), borrow_all(gradients, gradient_count), retain_graph, create_graph, borrow_all(inputs, input_count));
  });
}

// Writes one gradient an input; an input that was not used gets the undefined tensor.
BRIDGE bool bridge_gradients(void** outputs, int64_t output_count, void** inputs, int64_t input_count, void** gradients, int64_t gradient_count, bool retain_graph, bool create_graph, bool allow_unused, void** results) {
  return guarded([&] {
    auto found = torch::autograd::grad(borrow_all(outputs, output_count), borrow_all(inputs, input_count), borrow_all(gradients, gradient_count), retain_graph, create_graph, allow_unused);
    for (size_t i = 0; i < found.size(); ++i) results[i] = release(std::move(found[i]));
  });
}

BRIDGE bool bridge_grad_enabled() { return at::GradMode::is_enabled(); }
BRIDGE void bridge_set_grad_enabled(bool enabled) { at::GradMode::set_enabled(enabled); }
BRIDGE bool bridge_inference_enabled() { return c10::InferenceMode::is_enabled(); }
BRIDGE c10::InferenceMode* bridge_inference_enter(bool enabled) { return new c10::InferenceMode(enabled); }
BRIDGE void bridge_inference_leave(c10::InferenceMode* mode) { delete mode; }
BRIDGE bool bridge_anomaly_enabled() { return torch::autograd::AnomalyMode::is_enabled(); }
BRIDGE bool bridge_anomaly_checks_nan() { return torch::autograd::AnomalyMode::should_check_nan(); }
BRIDGE void bridge_set_anomaly(bool enabled, bool check_nan) { torch::autograd::AnomalyMode::set_enabled(enabled, check_nan); }

// ---- random numbers --------------------------------------------------------------------------------------------------

BRIDGE at::Generator* bridge_generator_default(int64_t device) {
  at::Generator* generator = nullptr;
  guarded([&] { generator = new at::Generator(at::globalContext().defaultGenerator(device_of(device))); });
  return generator;
}

BRIDGE at::Generator* bridge_generator_create(uint64_t seed, int64_t device) {
  at::Generator* generator = nullptr;
  guarded([&] {
    const auto place = device_of(device);
    // A device's generator is made as a copy of the default one: that needs no header of the device's toolkit.
    auto made = place.type() == at::kCPU ? at::detail::createCPUGenerator(seed) : at::globalContext().defaultGenerator(place).clone();
    made.set_current_seed(seed);
    generator = new at::Generator(std::move(made));
  });
  return generator;
}

BRIDGE void bridge_generator_free(at::Generator* generator) { delete generator; }

BRIDGE int64_t bridge_generator_device(at::Generator* generator) { return pack(generator->device()); }

BRIDGE bool bridge_generator_set_seed(at::Generator* generator, uint64_t seed) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(seed);
  });
}

BRIDGE uint64_t bridge_generator_seed(at::Generator* generator) {
  std::lock_guard<std::mutex> lock(generator->mutex());
  return generator->current_seed();
}

// Draws a seed that cannot be foretold, sets it and returns it.
BRIDGE uint64_t bridge_generator_reseed(at::Generator* generator) {
  std::lock_guard<std::mutex> lock(generator->mutex());
  return generator->seed();
}

BRIDGE void* bridge_generator_state(at::Generator* generator) {
  void* state = nullptr;
  guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    state = release(generator->get_state());
  });
  return state;
}

BRIDGE bool bridge_generator_set_state(at::Generator* generator, void* state) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(borrow(state));
  });
}

BRIDGE bool bridge_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

// ---- the machine -----------------------------------------------------------------------------------------------------

BRIDGE int32_t bridge_get_num_threads() { return at::get_num_threads(); }
BRIDGE void bridge_set_num_threads(int32_t count) { at::set_num_threads(count); }
BRIDGE int32_t bridge_get_num_interop_threads() { return static_cast<int32_t>(at::get_num_interop_threads()); }
BRIDGE bool bridge_set_num_interop_threads(int32_t count) {
  return guarded([&] { at::set_num_interop_threads(count); });
}

BRIDGE int32_t bridge_default_type() { return static_cast<int32_t>(at::typeMetaToScalarType(at::get_default_dtype())); }
BRIDGE bool bridge_set_default_type(int32_t type) {
  return guarded([&] { at::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<at::ScalarType>(type))); });
}

BRIDGE bool bridge_cuda_is_available() { return torch::cuda::is_available(); }
BRIDGE bool bridge_cudnn_is_available() { return torch::cuda::cudnn_is_available(); }
BRIDGE int32_t bridge_cuda_device_count() { return static_cast<int32_t>(torch::cuda::device_count()); }
BRIDGE bool bridge_cuda_synchronize(int64_t index) {
  return guarded([&] { torch::cuda::synchronize(index); });
}
BRIDGE bool bridge_cuda_manual_seed(uint64_t seed, bool every_device) {
  return guarded([&] { every_device ? torch::cuda::manual_seed_all(seed) : torch::cuda::manual_seed(seed); });
}
