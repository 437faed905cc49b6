using Evaluate.Data;
using TransferLearning;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Scores of ImageNet's classes to those of classes that are known by a word: ConSE on a ready network.</summary>
/// <param name="names">ImageNet's classes with their vectors.</param>
/// <param name="targets">The words' vectors <c>[classes, d]</c>.</param>
/// <param name="likeliest">How many of ImageNet's classes count.</param>
internal sealed class NameReader(SynsetNames names, Tensor targets, int likeliest) : ILabelPredictor
{
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var probabilities = features.softmax(1).index_select(1, names.Classes);
        var points = ConvexSemanticCombination.Embed(probabilities, names.Vectors, likeliest);
        return ConvexSemanticCombination.Cosines(points, targets).MoveToOuterDisposeScope();
    }
}
