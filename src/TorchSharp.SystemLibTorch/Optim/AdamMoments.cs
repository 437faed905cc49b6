#nullable disable // Works on the states of optimisers, which TorchSharp declares without nullable annotations.
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The step that Adam and AdamW share, over all parameters of a group.</summary>
internal sealed class AdamMoments(int count)
{
    private readonly long[] steps = new long[count];
    private readonly Tensor[] means = new Tensor[count];
    private readonly Tensor[] squares = new Tensor[count];
    private readonly Tensor[] largestSquares = new Tensor[count];

    internal static void RefuseDecayRate(double rate, [CallerArgumentExpression(nameof(rate))] string name = null)
    {
        if (rate is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(name, rate, "A decay rate lies in [0, 1).");
        }
    }

    internal void Set(int position, long step, Tensor mean, Tensor square, Tensor largestSquare)
    {
        steps[position] = step;
        means[position] = mean;
        squares[position] = square;
        largestSquares[position] = largestSquare;
    }

    /// <summary>parameter - rate / (1 - beta1^t) mean / (sqrt(square) / sqrt(1 - beta2^t) + eps).</summary>
    internal void Update(
        Tensor[] parameters,
        Tensor[] gradients,
        double rate,
        double beta1,
        double beta2,
        double eps,
        bool amsgrad
    )
    {
        Foreach.MultiplyInPlace(means, beta1);
        Foreach.AddInPlace(means, gradients, 1 - beta1);
        Foreach.MultiplyInPlace(squares, beta2);
        Foreach.AddProductsInPlace(squares, gradients, gradients, 1 - beta2);
        if (amsgrad)
        {
            Foreach.MaximumInPlace(largestSquares, squares);
        }
        var deviations = Foreach.SquareRoots(amsgrad ? largestSquares : squares);
        Foreach.DivideInPlace(deviations, Array.ConvertAll(steps, step => Math.Sqrt(1 - Math.Pow(beta2, step))));
        Foreach.AddInPlace(deviations, eps);
        Foreach.AddQuotientsInPlace(
            parameters,
            means,
            deviations,
            Array.ConvertAll(steps, step => -rate / (1 - Math.Pow(beta1, step)))
        );
    }
}
