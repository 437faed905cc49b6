using System.Runtime.CompilerServices;
using Xunit.v3;

namespace TransferLearning.Tests.Support;

/// <summary>
/// A test that takes minutes: it runs where the environment variable <c>TRANSFERLEARNING_LONG</c> is 1.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute, ITraitAttribute
{
    public LongFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Skip = LongTests.Skip;
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => LongTests.Traits;
}
