using System.Runtime.CompilerServices;

namespace TransferLearning.Vision;

/// <summary>Lets the core mend what it must before the first network of this package computes.</summary>
internal static class CoreInitializer
{
#pragma warning disable CA2255 // A backbone may be the first thing that a program makes.
    [ModuleInitializer]
    internal static void Run() => RuntimeHelpers.RunModuleConstructor(typeof(AdaptationBuilder).Module.ModuleHandle);
#pragma warning restore CA2255
}
