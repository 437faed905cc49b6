using Xunit.Sdk;
using Xunit.v3;

// Modules draw their initial values, and dropout its masks, from libtorch's one global generator; live tensors are
// counted for the whole process. Tests therefore run one after the other; other projects run beside them.
[assembly: Parallelization(Mode = ParallelMode.None)]
