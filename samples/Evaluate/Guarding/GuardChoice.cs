namespace Evaluate.Guarding;

/// <summary>What a rule keeps.</summary>
internal enum GuardChoice
{
    /// <summary>The model without adaptation.</summary>
    Plain,

    /// <summary>The mean of both models' probabilities.</summary>
    Mixture,

    /// <summary>The adapted model.</summary>
    Adapted,
}
