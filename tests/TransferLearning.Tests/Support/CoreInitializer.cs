using System.Runtime.CompilerServices;

namespace TransferLearning.Tests.Support;

/// <summary>Lets the core mend what it must before the first network of a test computes.</summary>
internal static class CoreInitializer
{
#pragma warning disable CA2255 // A test may convolve before it calls the library.
    [ModuleInitializer]
    internal static void Run() => RuntimeHelpers.RunModuleConstructor(typeof(AdaptationBuilder).Module.ModuleHandle);
#pragma warning restore CA2255
}
