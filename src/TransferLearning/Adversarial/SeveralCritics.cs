using System.Runtime.CompilerServices;

namespace TransferLearning.Adversarial;

/// <summary>Critics of which there is one for each class or source.</summary>
internal static class SeveralCritics
{
    /// <summary>A list of the critics, of which there must be one at least, and none null.</summary>
    /// <param name="critics">The critics.</param>
    /// <param name="each">What each of them is for.</param>
    /// <param name="name">The argument's name.</param>
    public static IReadOnlyList<IDomainCritic> Checked(
        IReadOnlyList<IDomainCritic> critics,
        string each,
        [CallerArgumentExpression(nameof(critics))] string name = ""
    )
    {
        ArgumentNullException.ThrowIfNull(critics, name);
        return critics.Count > 0 && critics.All(critic => critic is not null)
            ? [.. critics]
            : throw new ArgumentException($"{name} must hold a critic for each {each}, and none of them null.", name);
    }
}
