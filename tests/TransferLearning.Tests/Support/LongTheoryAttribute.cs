using System.Runtime.CompilerServices;
using Xunit.v3;

namespace TransferLearning.Tests.Support;

/// <summary>
/// A test of several cases that takes minutes: they run where the environment variable <c>TRANSFERLEARNING_LONG</c> is
/// 1.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public LongTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Skip = LongTests.Skip;
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => LongTests.Traits;
}
