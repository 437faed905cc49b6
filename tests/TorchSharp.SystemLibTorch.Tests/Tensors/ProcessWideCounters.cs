namespace TorchSharp.SystemLibTorch.Tests.Tensors;

/// <summary>Tests that read counts of the whole process run while no other test does.</summary>
[CollectionDefinition("process-wide counters", DisableParallelization = true)]
public sealed class ProcessWideCounters;
