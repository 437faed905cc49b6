namespace TransferLearning;

/// <summary>What a predictor's scores are, and so how probabilities follow from them.</summary>
public enum ScoreKind
{
    /// <summary>
    /// Any real numbers, the larger the likelier: a network's logits, margins, log-probabilities. Their softmax gives
    /// probabilities.
    /// </summary>
    Logits,

    /// <summary>Votes for each class. Divided by their sum they are shares of all votes.</summary>
    Votes,

    /// <summary>Probabilities already: not negative, of sum 1 in each row.</summary>
    Probabilities,

    /// <summary>Predicted values, not scores of classes: they have no probabilities.</summary>
    Values,
}
