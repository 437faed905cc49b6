using System.Reflection;
using static TorchSharp.torch;
using static TransferLearning.Tests.Guards.CompiledCode;

namespace TransferLearning.Tests.Guards;

/// <summary>Who cancels a fit waits for one native call at most: whatever loops over such calls looks at the token in every turn.</summary>
public sealed class CancellationTests
{
    /// <summary>Loops that may go without: predictions, which take no token, and those of few turns, each with its reason.</summary>
    private static readonly Dictionary<string, string> Exempt = new(StringComparer.Ordinal) { };

    [Fact]
    public void EveryLoopOfAFit_LooksAtTheToken()
    {
        var library = typeof(AdaptationBuilder).Assembly;
        var own = Methods(library).ToList();
        var calls = own.ToDictionary(method => method, method => Called(method).ToHashSet());
        var looks = own.Where(method => calls[method].Any(IsLook)).ToHashSet();
        for (var grows = true; grows; )
        {
            grows =
                own.Count(method => !looks.Contains(method) && calls[method].Overlaps(looks) && looks.Add(method)) > 0;
        }
        var blind = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var method in own)
        {
            foreach (var loop in Loops(method))
            {
                var isOverTensors = loop.Any(called => called.DeclaringType == typeof(Tensor) && !called.IsSpecialName);
                if (isOverTensors && !loop.Any(called => IsLook(called) || looks.Contains(called)))
                {
                    blind.Add($"{method.DeclaringType!.FullName}.{method.Name}");
                }
            }
        }

        Assert.True(blind.Count == 0, string.Join(Environment.NewLine, blind));
    }

    private static bool IsLook(MethodBase called) =>
        called.Name is "ThrowIfCancellationRequested" or "get_IsCancellationRequested";
}
