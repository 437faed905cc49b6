namespace TransferLearning.Tests.LifetimeHost;

/// <summary>What goes wrong in the middle of a run.</summary>
internal sealed class DisturbanceException() : Exception("something went wrong in the middle");
